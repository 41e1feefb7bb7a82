import { parseArgs } from 'node:util';
import { startSimulator } from './index.ts';

/** Runs the simulator as a process of its own: prints one JSON line when it is ready, ends on SIGINT and SIGTERM. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      'account-sid': { type: 'string' },
      'auth-token': { type: 'string' },
      'api-key': { type: 'string' },
      'api-secret': { type: 'string' },
      call: { type: 'boolean', default: false },
    },
  });
  const simulator = await startSimulator({
    port: Number(values.port),
    seed: Number(values.seed),
    ...(values['account-sid'] === undefined ? {} : { accountSid: values['account-sid'] }),
    ...(values['auth-token'] === undefined ? {} : { authToken: values['auth-token'] }),
    ...(values['api-key'] === undefined ? {} : { apiKey: values['api-key'] }),
    ...(values['api-secret'] === undefined ? {} : { apiSecret: values['api-secret'] }),
  });
  const callSid = values.call ? simulator.placeCall().sid : undefined;
  console.log(JSON.stringify({ url: simulator.url, callSid }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
