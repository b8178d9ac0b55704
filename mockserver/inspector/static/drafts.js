// Keeps what was written and not sent, for each conversation, as long as the tab is open.

const name = (field) => `draft ${field.dataset.draft}`;
const fields = () => document.querySelectorAll("[data-draft]");

function bringBack() {
  for (const field of fields()) {
    if (!field.value) field.value = sessionStorage.getItem(name(field)) ?? "";
  }
}

function keep(field) {
  if (field.value) sessionStorage.setItem(name(field), field.value);
  else sessionStorage.removeItem(name(field));
}

/** Keep drafts from now on; `sent` is called with a form whose draft is no draft any more. */
export function keepDrafts() {
  bringBack();
  document.addEventListener("page", bringBack);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-draft]")) keep(event.target);
  });
}

/** Keep what a form that was sent holds now, which is nothing unless more was written meanwhile. */
export function forgetDraft(form) {
  for (const field of form.querySelectorAll("[data-draft]")) keep(field);
}
