/** Asks the API. Whatever goes wrong on the way comes back as a sentence, never as an exception. */

export const PATIENCE_MS = 10_000;
const BROKEN = 500; // from this status on it is the server's trouble, which passes
const NO_ANSWER = "The server does not respond. As far as this page knows, nothing was changed.";

/**
 * @typedef {object} Answer
 * @property {number} status 0 when there was none
 * @property {any} data what came as JSON @property {string} tag its ETag
 * @property {string} problem why it did not work, or nothing
 */

/** @param {string} address @param {RequestInit & {json?: any}} [request] @returns {Promise<Answer>} */
export async function fetchJson(address, { json, headers, signal, ...request } = {}) {
  try {
    const answer = await fetch(address, {
      ...request,
      ...(json && { body: JSON.stringify(json) }),
      headers: { Accept: "application/json", ...(json && { "Content-Type": "application/json" }), ...headers },
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]),
    });
    return await readAnswer(answer);
  } catch {
    return { status: 0, data: null, tag: "", problem: NO_ANSWER }; // no network, no server, a proxy's own page
  }
}

/** True when asking once more may help. @param {Answer} answer */
export const isTrouble = ({ status }) => status === 0 || status >= BROKEN;

/** @param {Response} answer @returns {Promise<Answer>} */
async function readAnswer(answer) {
  const { status } = answer;
  const data = [204, 304].includes(status) ? null : await answer.json();
  const problem = answer.ok || status === 304 ? "" : data.detail || data.title || answer.statusText;
  return { status, data, tag: answer.headers.get("ETag") ?? "", problem };
}
