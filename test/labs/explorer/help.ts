/** What `npm run explore -- --help` prints. */
export const HELP = `Explores the order of everything that can happen to payments, on virtual time.

  npm run explore                      10,000 schedules from a fresh seed
  npm run explore -- --seeds 200000    so many; Ctrl-C sums up what was found so far
  npm run explore -- --from 1          begins with this seed
  npm run explore -- --seed 4711       plays one again, and tells its story
  npm run explore -- --worlds          two commands at once, with all that can go wrong once
  npm run explore -- --worlds --deep   and twice
  npm run explore -- --mutants         puts faults into the product, one at a time: each must be found
  npm run explore -- --mutants --named cancel    only those with this word in their names
  npm run explore -- --most 3          stops after so many findings
  npm run explore -- --raw             leaves findings as long as they were

Ends with 1 if it found something. Each finding is made as short as it will go.`;
