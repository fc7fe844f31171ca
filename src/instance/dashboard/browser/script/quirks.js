// Shiny 1.10 once calls setTimeout(undefined), which a browser takes for program text to evaluate. Our content security
// policy forbids that, and would say so in the console: only functions are scheduled.
const schedule = window.setTimeout;
window.setTimeout = (task, ...rest) => schedule(typeof task === 'function' ? task : () => {}, ...rest);

// Shiny starts as soon as jQuery finds the document ready, which may be before main.js has run: main.js lets it go.
window.jQuery.holdReady(true);
