// Keeps the page up to date: the server makes it, this makes what has changed like it.
// The events of the mock say when; where there is no stream of them, the page asks every now and then.

import { root } from "./calls.js";
import { listen } from "./events.js";
import { morph } from "./morph.js";
import { passing } from "./token.js";

const EVERY_MS = 1500;
const TOGETHER_MS = 60; // changes that come this close are shown at once
const PATIENCE_MS = 10_000;
const LOADING_AFTER_MS = 300; // a view that takes longer is told to be on its way
const page = () => document.querySelector("#page");
let paused = false;
let visits = 0; // an answer that comes late undoes no newer one
let refreshes = 0;
let underWay = 0;
let isStreaming = false;
let isDue = false; // there are changes that the page does not show
let isComing = false; // and it is about to
let stop = null; // ends the stream
let isLost = false; // the last request for the page was not answered
let isLeaving = false; // between two views there is nothing to bring up to date
const here = () => location.href.split("#")[0];
let shown = here(); // the address of the view that the page shows

/** The mock, or a proxy in front of it, answered something that is no page. */
class NoPage extends Error {
  constructor(answer) {
    super(`${answer.status} for ${answer.url}`);
    this.status = answer.status;
  }
}

/** The page as it is now, or null where nothing has changed; throws NoPage. */
async function fetchPage(address, etag) {
  const headers = { accept: "text/html", ...passing() };
  if (etag) headers["if-none-match"] = etag;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(address, { headers, signal, cache: "no-store" });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new NoPage(answer);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!fresh.querySelector("#page")) throw new NoPage(answer);
  return fresh;
}

/** The page as it is now, whatever else is under way. */
export const current = () => fetchPage(location.href);

/** Change the page; what is read from its end stays there, and the focus stays on what has its name. */
function keepingPlace(change) {
  const at = document.activeElement;
  const id = at?.id;
  const ends = [...document.querySelectorAll("[data-end]")];
  const atEnd = new Set(ends.filter((part) => part.scrollTop + part.clientHeight >= part.scrollHeight - 40));
  change();
  for (const part of document.querySelectorAll("[data-end]")) {
    if (atEnd.has(part) || !ends.includes(part)) part.scrollTop = part.scrollHeight;
  }
  if (id && document.activeElement !== at) document.getElementById(id)?.focus({ preventScroll: true });
}

/** Make the page like a newer rendering of the same view. */
function patch(fresh) {
  const { pane } = page().dataset;
  keepingPlace(() => morph(page(), fresh.querySelector("#page")));
  page().dataset.pane = pane;
  document.dispatchEvent(new CustomEvent("page"));
}

/** Make the page another view; a field written in since the view was asked for keeps what it holds. */
function turnTo(fresh, written) {
  keepingPlace(() => morph(page(), fresh.querySelector("#page")));
  for (const [field, value] of written) {
    // The mock cuts off a blank at the end, after which somebody goes on to write.
    if (field.value === value && value.trim() !== field.defaultValue) field.value = field.defaultValue;
  }
  document.title = fresh.title;
}

/** What the fields hold that a view has values for. */
const writing = () => new Map([...page().querySelectorAll("[type=search]")].map((field) => [field, field.value]));

/** Show how things stand with the connection; a page whose mock is gone says so at its head. */
function pulse(state, words) {
  const shown = document.querySelector("#pulse");
  isLost = state === "lost";
  document.querySelector("#lost").hidden = !isLost;
  document.documentElement.toggleAttribute("data-loading", state === "loading");
  if (shown.textContent === words) return;
  shown.className = `pulse ${state}`;
  shown.textContent = words;
}

const isGone = (error) => !(error instanceof NoPage) || error.status >= 500;

function pulseLost(error) {
  pulse("lost", isGone(error) ? "The mock does not answer" : "Reload the page: the mock asks who you are");
}

/** Bring the page up to date; where the browser has gone on to another view, show that.
 *
 * `unasked` is what nobody pressed for: an answer to it that comes once updates are paused changes nothing.
 */
export async function refresh({ unasked = false } = {}) {
  if (isLeaving) return;
  if (here() !== shown) {
    await visit(location.href, { push: false, pane: "" });
    return;
  }
  const mine = ++refreshes;
  underWay += 1;
  try {
    const fresh = await fetchPage(location.href, page().dataset.etag);
    if (mine !== refreshes || isLeaving || (unasked && paused)) return;
    if (fresh) patch(fresh);
    pulseLive();
  } catch (error) {
    if (mine === refreshes) pulseLost(error);
  } finally {
    underWay -= 1;
  }
}

const pulseLive = () => pulse(paused ? "paused" : "", paused ? "Paused" : "Live");

/** Show another view of the page, as a link to it would; `pane` is what a narrow screen shows of it.
 *
 * `then` gets the focus, unless it was moved meanwhile. While the mock does not answer the page stays as it is.
 */
export async function visit(address, { push = true, then = "", pane = page().dataset.pane } = {}) {
  const mine = ++visits;
  const written = writing();
  const at = document.activeElement;
  isLeaving = true;
  refreshes += 1;
  const telling = setTimeout(() => mine === visits && pulse("loading", "Loading"), LOADING_AFTER_MS);
  let fresh = null;
  try {
    fresh = await fetchPage(address);
  } catch (error) {
    if (mine === visits) stay(address, error);
    return;
  } finally {
    clearTimeout(telling);
  }
  if (mine !== visits) return;
  isLeaving = false;
  const hasMoved = ![at, document.body].includes(document.activeElement);
  turnTo(fresh, written);
  if (pane) page().dataset.pane = pane;
  if (push && new URL(address, location.href).href !== here()) history.pushState(null, "", address);
  shown = here();
  pulseLive();
  if (!hasMoved) document.getElementById(then)?.focus();
  document.dispatchEvent(new CustomEvent("page"));
}

function stay(address, error) {
  isLeaving = false;
  if (isGone(error)) pulseLost(error);
  else location.assign(address);
}

/** Scroll what is read from its end to its end, on a page that has just come. */
export function toEnd() {
  for (const part of document.querySelectorAll("[data-end]")) part.scrollTop = part.scrollHeight;
}

/** Stop or go on; true where it is paused now. */
export function togglePause() {
  paused = !paused;
  pulseLive();
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
    await refresh({ unasked: true });
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
      if (!isIdle()) refresh({ unasked: true });
    },
  });
}

/** Look for changes from now on, while somebody can see them. */
export function start() {
  stream();
  setInterval(() => {
    // A stream may outlive a network that was away for a moment, and tells nothing then.
    if (!isIdle() && (!isStreaming || isLost) && !underWay) refresh({ unasked: true });
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    stream();
    if (!isIdle()) refresh({ unasked: true });
  });
  addEventListener("pagehide", () => stop?.());
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) stream(); // the browser kept the page, and nobody listened for it
  });
  addEventListener("popstate", () => visit(location.href, { push: false, pane: "" }));
}
