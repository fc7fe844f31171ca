export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * What a shell has to be told. All of them ask `sbw complete` at every press of the key, so what they offer is always
 * what this version knows; each line of the answer is a word, a tab, and what it is about.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of sbw for bash.
#   sbw completion bash > ~/.local/share/bash-completion/completions/sbw
_sbw() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
# Without an answer: file names.
complete -o bashdefault -o default -F _sbw sbw
`,
  zsh: `#compdef sbw
# Completion of sbw for zsh.
#   sbw completion zsh > ~/.zfunc/_sbw     with fpath+=(~/.zfunc) before compinit in ~/.zshrc
_sbw() {
  local line
  local -a found
  for line in "\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then
    _describe sbw found
  else
    _files
  fi
}
# In fpath this file is the function; sourced, it only defines it.
if [[ $funcstack[1] == _sbw ]]; then
  _sbw "$@"
else
  compdef _sbw sbw
fi
`,
  fish: `# Completion of sbw for fish.
#   sbw completion fish > ~/.config/fish/completions/sbw.fish
function __sbw_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  set -l found ($words[1] complete -- $words[2..] "$typed" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$typed"
  end
end
complete -c sbw -f -a '(__sbw_complete)'
`,
};
