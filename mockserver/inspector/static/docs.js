// Draws one API document with Swagger UI. Calls made from it go to this mock and nowhere else.

const shown = document.querySelector("#swagger");
const root = new URL(shown.dataset.root, location.href).pathname;
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

/** Parameters that may be left out begin empty: examples of every filter at once find nothing. */
function withoutSuggestions(spec) {
  const items = Object.values(spec.paths ?? {});
  const described = [...items, ...items.flatMap(Object.values)].flatMap((each) => each.parameters ?? []);
  for (const parameter of [...described, ...Object.values(spec.components?.parameters ?? {})]) {
    if (parameter.in !== "query") continue;
    delete parameter.example;
    delete parameter.examples;
  }
}

async function draw() {
  const token = sessionStorage.getItem("mock-control-token");
  const passing = token === null ? {} : { "x-control-token": token };
  const answer = await fetch(shown.dataset.file, { headers: passing });
  const spec = await answer.json();
  // The vendor's own address is in the document as well; trying things out is for the mock alone.
  const servers = (spec.servers ?? []).filter((server) => server.url.startsWith("/"));
  spec.servers = servers.map((server) => ({ ...server, url: root + server.url.slice(1) }));
  withoutSuggestions(spec);
  const ui = SwaggerUIBundle({
    spec,
    domNode: shown,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    tryItOutEnabled: true,
    requestInterceptor: (request) => {
      if (new URL(request.url, location.href).pathname.startsWith(`${root}_mock`)) Object.assign(request.headers, passing);
      return request;
    },
    onComplete: () => {
      if (shown.dataset.scheme) ui.preauthorizeApiKey(shown.dataset.scheme, shown.dataset.key);
      shown.dataset.drawn = "";
    },
  });
}

draw().catch((error) => {
  shown.textContent = `The document cannot be drawn: ${error.message}`;
});
