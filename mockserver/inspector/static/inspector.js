// What happens on the page: links and searches change the view, forms call the mock, menus open and close.

import { call, fetchFile, ownPath, putWorld, root, sendLater, submit } from "./calls.js";
import { draftOf, forgetDraft, keepDrafts } from "./drafts.js";
import { startPanes } from "./panes.js";
import { startTags, tagsAreNewer } from "./tags.js";
import { isPaused, refresh, start, toEnd, togglePause, visit } from "./live.js";
import { passing } from "./token.js";

const said = document.querySelector("#said");

function say(words, manner = "") {
  said.className = manner;
  said.textContent = words;
}

// --- links and searches -------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-visit]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  // Who follows a link by keyboard wants to go on in what it opened; who points stays in the list.
  const byKeyboard = event.detail === 0;
  const pane = link.matches(".chat, #new") ? "thread" : link.matches(".users .row") ? "chats" : undefined;
  visit(link.href, { then: (byKeyboard && link.dataset.then) || link.id, pane });
});

function search(form) {
  clearTimeout(typing);
  const wanted = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  visit(`${form.getAttribute("action")}?${wanted}`);
}

let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form.search");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => form.isConnected && search(form), 250);
});

// --- calls --------------------------------------------------------------------------------------

/** What became of a call, in the line at the foot; whether it went well. */
async function tell(calling) {
  try {
    const answer = await calling;
    say(answer.line, answer.ok ? "fine" : "bad");
    return answer.ok;
  } catch (error) {
    say(`The mock does not answer: ${error.message}`, "bad");
    return false;
  } finally {
    refresh();
  }
}

/** What a form does: a composer may wait, everything else is the call that its attributes say. */
function calling(form, button) {
  // Who speaks decides who is spoken to: in a 1-on-1, the other one of the two.
  for (const to of form.querySelectorAll("[data-from]")) {
    to.value = document.getElementById(to.dataset.from).selectedOptions[0].dataset.receiver;
  }
  const seconds = Number(form.querySelector("#send-when")?.value ?? 0);
  return seconds ? sendLater(form, seconds) : submit(form, button);
}

/** The forms whose answer is awaited; a composer by its draft, since another view shows it anew. */
const underWay = new Set();
const keyOf = (form) => draftOf(form) ?? form;

/** Show it on composers that another view has brought. */
function showBusy() {
  for (const form of document.forms) {
    if (underWay.has(draftOf(form))) form.querySelector("button.main").setAttribute("aria-busy", "true");
  }
}

/** Send a form once: while it is under way, its buttons show it and do nothing. */
async function send(form, button) {
  const key = keyOf(form);
  if (underWay.has(key)) return;
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
  underWay.add(key);
  button?.setAttribute("aria-busy", "true");
  try {
    await sendOnce(form, button);
  } finally {
    underWay.delete(key);
    for (const other of [form, ...document.forms]) {
      if (keyOf(other) === key) other.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
    }
  }
}

async function sendOnce(form, button) {
  if (form.closest("#tags-menu") && (await tagsAreNewer())) {
    say("These tags have changed meanwhile, and the menu shows them now. Change them and replace them then.", "bad");
    return;
  }
  if ("undo" in form.dataset) await keepForUndo();
  const sent = new Map([...form.elements].map((field) => [field, field.value]));
  if (await tell(calling(form, button))) await settle(form, sent);
  const changesFaults = form.getAttribute("action").endsWith("/_mock/faults");
  if (changesFaults && document.querySelector("#faults-menu").open) findFaults();
}

/** What a form does once its call went well; what was written while it was under way stays. */
async function settle(form, sent) {
  const isAsSent = [...sent].every(([field, value]) => field.value === value);
  for (const [field, value] of sent) {
    if (field.dataset.draft) forgetDraft(field.dataset.draft, value);
    else if (form.dataset.clear && field.name.endsWith(form.dataset.clear) && field.value === value) field.value = "";
  }
  const { receiver, receiverType } = form.elements;
  if ("opens" in form.dataset && form.isConnected) await open(`${receiverType.value}s/${receiver.value}`);
  if (isAsSent) form.closest("#tags-menu")?.removeAttribute("open");
  if ("undo" in form.dataset) document.querySelector("#undo").hidden = !canUndo;
}

function open(place) {
  const address = new URL(location.href);
  const as = document.querySelector(".users [aria-current]")?.id.slice("user-".length);
  if (as) address.searchParams.set("as", as);
  address.searchParams.set("open", place);
  return visit(address.href, { then: "send-text", pane: "thread" });
}

// --- undoing a reset ----------------------------------------------------------------------------

const BEFORE = "before-the-reset";
let canUndo = false;

/** Keep the state, so that a reset can be undone; a mock of several processes keeps none. */
async function keepForUndo() {
  const answer = await call("POST", `${root}_mock/snapshots`, { body: JSON.stringify({ name: BEFORE }) }).catch(() => null);
  canUndo = Boolean(answer?.ok);
}

document.querySelector("#undo").addEventListener("click", async (event) => {
  event.currentTarget.hidden = true;
  await tell(call("POST", `${root}_mock/snapshots/${BEFORE}/restore`));
});

// --- a request as curl ----------------------------------------------------------------------------

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A request of the journal as a command for a shell; throws where the journal has it no more. */
async function asCurl(id) {
  const { ok, told, line } = await call("GET", `${root}_mock/journal/${id}`);
  if (!ok) throw new Error(line);
  const { method, path, query, request } = told.data;
  const written = path.slice(1).split("/").map(encodeURIComponent).join("/");
  const address = `${location.origin}${root}${written}${query ? `?${query}` : ""}`;
  const given = Object.entries({ apikey: document.querySelector("#page").dataset.key, ...request.headers });
  const headers = given.filter(([name]) => !/^(user-agent|origin)$/i.test(name));
  const parts = headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  if (request.sent === null) throw new Error("its body is no text, or no longer kept");
  if (request.sent) parts.push(`--data-binary ${quoted(request.sent)}`);
  return ["curl", `-X ${method}`, quoted(address), ...parts].join(" ");
}

document.addEventListener("click", async (event) => {
  const id = event.target.closest("[data-curl]")?.dataset.curl;
  if (!id) return;
  try {
    copy(await asCurl(id));
  } catch (error) {
    say(`The request cannot be copied: ${error.message}`, "bad");
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  if (form.matches(".search")) search(form);
  else send(form, event.submitter);
});

// Enter sends a message; with Shift it makes a line, and while a word is being composed it is the editor's.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("#send-text")) return;
  event.preventDefault();
  event.target.form.requestSubmit(document.querySelector("#send"));
});

// --- worlds -------------------------------------------------------------------------------------

document.addEventListener("change", async (event) => {
  if (event.target.id !== "world-put" || !event.target.files.length) return;
  await tell(putWorld(event.target.files[0]));
  event.target.value = "";
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("#world-get");
  if (!link) return;
  event.preventDefault();
  try {
    const file = await fetchFile(link.href);
    Object.assign(document.createElement("a"), { href: file, download: link.download }).click();
  } catch (error) {
    say(`The world cannot be downloaded: ${error.message}`, "bad");
  }
});

// --- faults -------------------------------------------------------------------------------------

let searches = 0;

/** Show the faults that have the words in the search; hundreds are too many to come with the page. */
async function findFaults() {
  const mine = ++searches;
  const find = document.querySelector("#faults-find");
  const list = document.querySelector("#faults-list");
  const address = `?${new URLSearchParams({ part: "faults", find: find.value })}`;
  const answer = await fetch(address, { headers: passing() }).catch(() => null);
  const found = answer?.ok ? await answer.text() : '<p class="hint">The mock does not answer.</p>';
  if (mine !== searches) return; // there is a newer search
  const at = list.contains(document.activeElement) ? document.activeElement.id : "";
  list.innerHTML = found;
  // What was on is off and the other way round: the button has another name, but its place is the same.
  const name = at.replace(/^(on|off)-/, "");
  if (at !== name) (document.getElementById(`on-${name}`) ?? document.getElementById(`off-${name}`))?.focus();
}

document.addEventListener("toggle", (event) => {
  if (event.target.id === "faults-menu" && event.target.open) findFaults();
}, true);

document.addEventListener("input", (event) => {
  if (event.target.id === "faults-find") findFaults();
});

// --- menus, copying, pausing --------------------------------------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copied = event.target.closest("[data-copy]")?.dataset.copy;
  if (copied) copy(document.getElementById(copied).textContent);
  if (event.target.closest("#pause")) showPause(togglePause());
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${text}`, "fine");
  } catch {
    say("This browser does not let the page copy; select the address instead.", "bad");
  }
}

function showPause(paused) {
  document.querySelector("#pause").setAttribute("aria-pressed", String(paused));
}

// --- the clock ----------------------------------------------------------------------------------

const two = (number) => String(number).padStart(2, "0");
let seen = ""; // the reading that the page came with, and when it came
let since = 0;

/** The mock's time: a running clock is told by the server once and counted on here. */
function tick() {
  const shown = document.querySelector("[data-now]");
  if (!shown) return;
  const { now, mode } = shown.dataset;
  if (`${mode} ${now}` !== seen) {
    seen = `${mode} ${now}`;
    since = performance.now();
  }
  const passed = mode === "running" ? Math.floor((performance.now() - since) / 1000) : 0;
  const at = new Date((Number(now) + passed) * 1000);
  const day = `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  const text = `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} UTC`;
  if (shown.textContent !== text) shown.textContent = text;
}

/** The address of the API as this browser reaches it: a prefix that a proxy adds is known here alone. */
function showAddress() {
  for (const shown of document.querySelectorAll("[data-base-url]")) shown.textContent = `${location.origin}${root}v3`;
}

document.addEventListener("page", () => {
  tick();
  showAddress();
  showBusy();
  showPause(isPaused());
});
setInterval(tick, 250);
tick();
showAddress();
toEnd();
startPanes();
keepDrafts();
startTags();
start();
dispatchEvent(new Event("ready")); // what was pressed before
