// When the tunnel drops or the server restarts: say so, and come back by ourselves. The URL holds the state.

const RETRY_MS = 3000;

async function tryAgain() {
  try {
    const answer = await fetch(location.href, { cache: 'no-store' });
    if (answer.ok) return location.reload();
  } catch {
    // Not back yet.
  }
  setTimeout(tryAgain, RETRY_MS);
}

export function watchConnection() {
  window.addEventListener('pagehide', () => (watchConnection.isLeaving = true));
  window.jQuery(document).on('shiny:disconnected', () => {
    if (watchConnection.isLeaving) return;
    document.getElementById('lost').hidden = false;
    setTimeout(tryAgain, RETRY_MS);
  });
}
