/** Something that whoever runs the program can mend: its text is printed as one line, without a stack. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

export interface Program {
  /** Registers what has to be undone, whichever way the program ends. The last one registered is undone first. */
  onClose(undo: () => unknown): void;
}

/**
 * Runs a command-line program to its exit: 0 when `main` is through, 1 with a message on stderr when it fails,
 * `whenInterrupted` when a signal comes before that. Whatever was registered with `onClose` is undone first.
 */
export async function runProgram(
  main: (program: Program) => Promise<void>,
  { whenInterrupted }: { whenInterrupted: number },
): Promise<never> {
  const undos: (() => unknown)[] = [];
  let closing = false;
  const close = async () => {
    closing = true;
    for (const undo of undos.splice(0).reverse()) {
      await Promise.resolve(undo()).catch((error: unknown) => console.error(textOf(error)));
    }
  };
  // Ctrl-C, `kill`, a closed terminal.
  const interrupted = new Promise((resolve) => {
    // Once more changes nothing: a terminal and npm may both pass a Ctrl-C on, and undoing takes seconds at most.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
  const program: Program = {
    onClose(undo) {
      if (closing) void undo();
      else undos.push(undo);
    },
  };
  let code: number;
  try {
    code = await Promise.race([main(program).then(() => 0), interrupted.then(() => whenInterrupted)]);
  } catch (error) {
    console.error(textOf(error));
    code = 1;
  }
  await close();
  // Connections that are kept alive would hold the process for seconds.
  process.exit(code);
}

function textOf(error: unknown): string {
  if (error instanceof RunError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
