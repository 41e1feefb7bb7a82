'use strict';
/**
 * Preload for twilio-run and what it forks: ends the process when the one that started it is gone, however it went.
 * Its stdin is a pipe from there on which nothing is ever written.
 */
process.stdin
  .on('end', () => process.exit())
  .on('error', () => process.exit())
  .resume();
process.stdin.unref?.();
