// A part of the page that says that scoring is under way is asked for again until it has its result;
// one with data-live shows how far it is meanwhile.
// Without this script the link in it does the same.
const PAUSE = 2000;
const MOST = 45;

async function follow(place, times) {
  if (times > MOST || !place.isConnected) return;
  await new Promise((resolve) => setTimeout(resolve, PAUSE + times * 200));
  try {
    const answer = await fetch(place.dataset.poll, { headers: { "X-Fragment": "1" } });
    if (!answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    if (found && found.id === place.id && (!found.dataset.poll || found.dataset.live)) {
      place.replaceWith(found);
      if (found.dataset.poll) follow(found, 0);
      return;
    }
  } catch {
    // the connection may come back
  }
  follow(place, times + 1);
}

for (const place of document.querySelectorAll("[data-poll]")) follow(place, 0);
