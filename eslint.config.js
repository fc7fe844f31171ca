import tseslint from 'typescript-eslint';

/** The rules of style that a machine can keep: see docs/architecture.md. */
const RESTRICTED = [
  {
    object: 'process',
    property: 'exit',
    message: 'Return an exit code; only bin/sbw.js touches the process.',
  },
  { object: 'process', property: 'env', message: 'src/config.ts is the only reader of the environment.' },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.sbw', '.cache', 'src/instance/dashboard/browser/library'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'no-console': 'error',
      'no-restricted-properties': ['error', ...RESTRICTED],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/require-await': 'off',
      // Ports are plain objects of functions; taking one apart is how a consumer names what it needs.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/config.ts'], rules: { 'no-restricted-properties': ['error', RESTRICTED[0]] } },
  {
    files: ['test/**', 'bench/**', 'scripts/**'],
    rules: {
      'no-console': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
    },
  },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
);
