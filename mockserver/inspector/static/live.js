// Keeps the page up to date: the server makes it, this puts the parts that have changed in place.
// The events of the mock say when; where there is no stream of them, the page asks every now and then.

import { root } from "./calls.js";
import { listen } from "./events.js";
import { passing } from "./token.js";

const EVERY_MS = 1500;
const TOGETHER_MS = 60; // changes that come this close are shown at once
const PATIENCE_MS = 10_000;
const page = () => document.querySelector("#page");
const isBusy = (part) => {
  if (part.dataset.live === "always") return false;
  const at = document.activeElement;
  return part.contains(at) && at.matches("input, select, textarea");
};

let paused = false;
let visits = 0; // an answer that comes late undoes no newer one
let refreshes = 0;
let underWay = 0;
let isStreaming = false;
let isDue = false; // there are changes that the page does not show
let isComing = false; // and it is about to
let stop = null; // ends the stream
let isLeaving = false; // between two views there is nothing to bring up to date

/** The page as it is now, or null where nothing has changed. */
async function fetchPage(address, etag) {
  const headers = { accept: "text/html", ...passing() };
  if (etag) headers["if-none-match"] = etag;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(address, { headers, signal, cache: "no-store" });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** The page as it is now, whatever else is under way. */
export const current = () => fetchPage(location.href);

function keepingPlace(change) {
  const at = document.activeElement;
  const id = at?.id;
  const places = [...document.querySelectorAll(".scroll[id]")].map((part) => [
    part.id,
    part.scrollTop,
    part.hasAttribute("data-end") && part.scrollTop + part.clientHeight >= part.scrollHeight - 40,
  ]);
  change();
  for (const [name, top, wasAtEnd] of places) {
    const part = document.getElementById(name);
    if (part) part.scrollTop = wasAtEnd ? part.scrollHeight : top;
  }
  if (id && document.activeElement !== at) document.getElementById(id)?.focus({ preventScroll: true });
}

/** Put the live parts of another rendering in place of those that differ. */
function patch(fresh) {
  keepingPlace(() => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (other && !isBusy(part) && part.outerHTML !== other.outerHTML) {
        const open = new Set([...part.querySelectorAll("details[open][id]")].map((each) => each.id));
        part.replaceWith(other);
        for (const name of open) document.getElementById(name)?.setAttribute("open", "");
      }
    }
  });
  page().dataset.etag = fresh.querySelector("#page").dataset.etag;
  document.dispatchEvent(new CustomEvent("page"));
}

/** Show how things stand with the connection; a page whose mock is gone says so at its head. */
function pulse(state, words) {
  const shown = document.querySelector("#pulse");
  document.querySelector("#lost").hidden = state !== "lost";
  if (shown.textContent === words) return;
  shown.className = `pulse ${state}`;
  shown.textContent = words;
}

/** Bring the live parts up to date. */
export async function refresh() {
  if (isLeaving) return;
  const mine = ++refreshes;
  underWay += 1;
  try {
    const fresh = await fetchPage(location.href, page().dataset.etag);
    if (mine !== refreshes || isLeaving) return;
    if (fresh) patch(fresh);
    pulse(paused ? "paused" : "", paused ? "Paused" : "Live");
  } catch {
    if (mine === refreshes) pulse("lost", "The mock does not answer");
  } finally {
    underWay -= 1;
  }
}

/** Show another view of the page, as a link to it would; `pane` is what a narrow screen shows of it. */
export async function visit(address, { push = true, then = "", pane = page().dataset.pane } = {}) {
  const mine = ++visits;
  isLeaving = true;
  refreshes += 1;
  const fresh = await fetchPage(address).catch(() => null);
  if (mine !== visits) return;
  isLeaving = false;
  if (!fresh?.querySelector("#page")) {
    location.assign(address);
    return;
  }
  keepingPlace(() => page().replaceWith(fresh.querySelector("#page")));
  if (pane) page().dataset.pane = pane;
  document.title = fresh.title;
  if (push) history.pushState(null, "", address);
  toEnd();
  document.getElementById(then)?.focus();
  document.dispatchEvent(new CustomEvent("page"));
}

/** Scroll what is read from its end to its end. */
export function toEnd() {
  for (const part of document.querySelectorAll("[data-end]")) part.scrollTop = part.scrollHeight;
}

/** Stop or go on; true where it is paused now. */
export function togglePause() {
  paused = !paused;
  pulse(paused ? "paused" : "", paused ? "Paused" : "Live");
  if (!paused) refresh();
  return paused;
}

export const isPaused = () => paused;

const isIdle = () => paused || document.hidden;

/** Bring the page up to date in a moment, once for all changes until then, and again for later ones. */
async function refreshSoon() {
  isDue = true;
  if (isComing) return;
  isComing = true;
  while (isDue && !isIdle()) {
    await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
    isDue = false;
    await refresh();
  }
  isComing = false;
}

/** Listen to the mock; a page that nobody sees holds no stream. */
function stream() {
  stop?.();
  stop = null;
  isStreaming = false;
  if (document.hidden) return;
  stop = listen(`${root}_mock/events?requests=true`, {
    onOpen: () => {
      isStreaming = true;
      refreshSoon(); // what has changed since the page was made
    },
    onEvent: refreshSoon,
    onLost: () => {
      isStreaming = false;
      if (!isIdle()) refresh();
    },
  });
}

/** Look for changes from now on, while somebody can see them. */
export function start() {
  stream();
  setInterval(() => {
    if (!isIdle() && !isStreaming && !underWay) refresh();
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    stream();
    if (!isIdle()) refresh();
  });
  addEventListener("pagehide", () => stop?.());
  addEventListener("popstate", () => visit(location.href, { push: false, pane: "" }));
}
