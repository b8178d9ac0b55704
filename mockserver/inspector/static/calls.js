// Makes forms and buttons into calls of the mock: JSON, by fetch, from this page alone.
//
// A form's action is the path; `data-call` on it or on the button is the method; `data-as` is the caller.
// Names with dots nest; `data-type` says what a value is in JSON.

import { passing } from "./token.js";

/** The root of the mock: everything that it answers is below it, also behind a proxy's prefix. */
export const root = new URL(document.body.dataset.root, location.href).pathname;
const isOfApi = (path) => path.startsWith(`${root}v3/`);
/** A path as the mock itself knows it. */
export const ownPath = (path) => `/${path.slice(root.length)}`;

const KINDS = {
  number: Number,
  count: (text) => (text ? Number(text) : undefined),
  null: () => null,
  given: (text) => text || undefined,
  lines: (text) => text.split("\n").map((line) => line.trim()).filter(Boolean),
};

function place(body, name, value) {
  const steps = name.split(".");
  const last = steps.pop();
  let at = body;
  for (const step of steps) at = at[step] ??= {};
  at[last] = value;
}

/** What a form and the button that sends it say, as JSON; undefined where they say nothing. */
function bodyOf(form, button) {
  if (button?.dataset.body) return JSON.parse(button.dataset.body);
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.name === form.dataset.asField) continue;
    if (field instanceof HTMLButtonElement && field !== button) continue;
    if (field.matches("[type=checkbox], [type=radio]") && !field.checked) continue;
    if (field.dataset.type === "json") Object.assign(body, JSON.parse(field.value));
    else place(body, field.name, (KINDS[field.dataset.type] ?? String)(field.value));
  }
  return Object.keys(body).length ? body : undefined;
}

/** Call the mock: its status, its body, and one line that tells of both. */
export async function call(method, path, { as, body, type = "application/json" } = {}) {
  const headers = { accept: "application/json", ...passing() };
  if (isOfApi(path)) {
    headers.apikey = document.querySelector("#page").dataset.key;
    if (as) headers.onBehalfOf = as;
  }
  if (body !== undefined) headers["content-type"] = type;
  const answer = await fetch(path, { method, headers, body });
  const told = await answer.json().catch(() => ({}));
  const who = as ? ` as ${as}` : "";
  const error = told.error ?? {};
  const details = Object.entries(error.details ?? {}).map(([field, texts]) => `${field}: ${texts}`);
  const reason = answer.ok ? "" : ` ${error.code ?? ""}: ${[error.message ?? "", ...details].join(" ")}`;
  const notes = (told.data?.notes ?? []).map((note) => ` ${note}`).join("");
  return { ok: answer.ok, told, line: `${method} ${ownPath(path)}${who}: ${answer.status}${reason}${notes}` };
}

/** Send what a form says; the answer, or null where the form is for something else. */
export async function submit(form, button) {
  const method = button?.dataset.call ?? form.dataset.call;
  if (!method) return null;
  const as = form.dataset.asField ? form.elements[form.dataset.asField].value : form.dataset.as;
  const path = new URL(form.action).pathname;
  const body = bodyOf(form, button);
  return call(method, path, { as, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** Have the mock itself send what a composer says, in so many seconds of its clock. */
export async function sendLater(form, seconds) {
  const { as, receiver, receiverType } = form.elements;
  const body = {
    from: as.value,
    to: { [receiverType.value]: receiver.value },
    text: form.elements["data.text"].value,
    in_s: seconds,
  };
  return call("POST", `${root}_mock/send`, { body: JSON.stringify(body) });
}

/** Put a file's world in place of the mock's. */
export async function putWorld(file) {
  const type = /\.ya?ml$/i.test(file.name) ? "application/yaml" : "application/json";
  return call("PUT", `${root}_mock/world`, { body: await file.text(), type });
}

/** A file of what the mock answers at an address, for a link that cannot send a token itself. */
export async function fetchFile(address) {
  const answer = await fetch(address, { headers: passing() });
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return URL.createObjectURL(await answer.blob());
}
