import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { RunError } from './program.ts';

/**
 * What a program was asked on its command line, with `--help` beside its own flags.
 * @param command as it is typed, for whoever mistypes.
 * @throws RunError for what it does not know.
 */
export function readFlags<O extends ParseArgsOptionsConfig>(command: string, options: O) {
  const help = { type: 'boolean', short: 'h', default: false } as const;
  try {
    return parseArgs({ options: { ...options, help } }).values;
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text?.replace(/\.?$/, '.')} See ${command} -- --help`);
  }
}
