// The token that a mock asks for when it listens to other machines: kept in this tab, sent as a header.

const NAME = "mock-control-token";

export const keep = (token) => sessionStorage.setItem(NAME, token);
export const forget = () => sessionStorage.removeItem(NAME);

/** Headers that let a call through; none where this tab was never asked for a token. */
export function passing() {
  const token = sessionStorage.getItem(NAME);
  return token === null ? {} : { "x-control-token": token };
}
