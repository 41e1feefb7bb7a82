'use strict';
/** Preload for `node --require`: `fetch` finds the domains of a rehearsed deployment where REHEARSED_ORIGINS (JSON) says. */
const origins = JSON.parse(process.env.REHEARSED_ORIGINS ?? '{}');
const { fetch } = globalThis;

globalThis.fetch = (input, init) => {
  const url = new URL(input);
  const instead = origins[url.origin];
  return fetch(instead ? new URL(`${url.pathname}${url.search}`, instead) : input, init);
};
