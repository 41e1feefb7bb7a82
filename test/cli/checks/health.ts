import { type Check, failed, ok, unchecked, type Verdict } from './check.ts';
import { type Answer, ask } from './http.ts';

/** What the deployed service says of itself. It asks Sync by its own variables, which no other check can see. */
export const health: Check = {
  name: 'Health',
  async run({ url, file }) {
    if (!url) return [unchecked('Neither --url nor PUBLIC_URL says where the service is deployed.')];
    return [judge(await ask(`${url}/health`), `${url}/health`, file)];
  },
};

function judge(answer: Answer, url: string, file: string): Verdict {
  if ('problem' in answer) return failed(`${url}: ${answer.problem}.`);
  const { version, configuration, sync } = Object(answer.body) as Record<string, unknown>;
  if (answer.status === 200 && typeof version === 'string') return ok(`Version ${version} is well.`);
  if (configuration === 'failed')
    return failed(
      `The variables of the deployed service cannot be read. Its log names them: correct them in ${file} and deploy again.`,
    );
  if (sync === 'failed')
    return failed(
      'Sync gives the deployed service no good answer. Its log says which; docs/operations.md says what to do.',
    );
  if (answer.status === 404)
    return failed(`There is no ${url} (HTTP 404): what is deployed is older than this. Deploy again.`);
  return failed(`${url} answers HTTP ${answer.status}, without its health.`);
}
