// When the tunnel drops or the server restarts: say so, and come back by ourselves. The URL holds the state.

const RETRY_MS = 3000;
const ANSWER_MS = 10_000;
/** A page that was there for so long did come back. */
const STEADY_MS = 60_000;
const MAX_RELOADS = 5;
const KEY = 'sbw-reloads';

/**
 * How long to wait before the page is loaded again: longer each time that it was lost soon after.
 * @returns {number | null} milliseconds; null: it was tried often enough
 */
export function pauseAfter(reloads) {
  return reloads < MAX_RELOADS ? RETRY_MS * 2 ** reloads : null;
}

/** How often the page was loaded again without staying. Private windows may refuse to keep it. */
function reloads(count) {
  try {
    if (count !== undefined) sessionStorage.setItem(KEY, String(count));
    return Number(sessionStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}

async function tryAgain() {
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) {
      reloads(reloads() + 1);
      return location.reload();
    }
  } catch {
    // Not back yet.
  }
  setTimeout(tryAgain, RETRY_MS);
}

/** As the visitor wishes: counted from the beginning. */
export function reloadAnew() {
  reloads(0);
  location.reload();
}

function showLost(isStopped) {
  const notice = document.getElementById('lost');
  const [comes, stopped] = notice.querySelectorAll('span');
  comes.hidden = isStopped;
  stopped.hidden = !isStopped;
  notice.hidden = false;
}

export function watchConnection() {
  let isLeaving = false;
  window.addEventListener('pagehide', () => (isLeaving = true));
  const steady = setTimeout(() => reloads(0), STEADY_MS);
  window.jQuery(document).on('shiny:disconnected', () => {
    if (isLeaving) return;
    clearTimeout(steady);
    const pause = pauseAfter(reloads());
    showLost(pause === null);
    if (pause !== null) setTimeout(tryAgain, pause);
  });
}
