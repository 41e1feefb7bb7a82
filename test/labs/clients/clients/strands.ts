import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Agent, McpClient, Model, type ModelStreamEvent } from '@strands-agents/sdk';
import { drive, factsOf } from '../drive.ts';

/** A model that calls the tool that it is told to call, and then ends its turn. */
class ScriptedModel extends Model {
  toolCall: { name: string; args: unknown } | undefined;

  override updateConfig(): void {}

  override getConfig() {
    return { modelId: 'scripted' };
  }

  override async *stream(): AsyncGenerator<ModelStreamEvent> {
    const call = this.toolCall;
    this.toolCall = undefined;
    yield { type: 'modelMessageStartEvent', role: 'assistant' };
    if (call) {
      const start = { type: 'toolUseStart', name: call.name, toolUseId: 'only' } as const;
      yield { type: 'modelContentBlockStartEvent', start };
      const delta = { type: 'toolUseInputDelta', input: JSON.stringify(call.args) } as const;
      yield { type: 'modelContentBlockDeltaEvent', delta };
    } else {
      yield { type: 'modelContentBlockStartEvent' };
      yield { type: 'modelContentBlockDeltaEvent', delta: { type: 'textDelta', text: 'Done.' } };
    }
    yield { type: 'modelContentBlockStopEvent' };
    yield { type: 'modelMessageStopEvent', stopReason: call ? 'toolUse' : 'endTurn' };
  }
}

await drive(async ({ url, token }) => {
  // An agent that is traced puts a `_meta` beside the arguments of a tool.
  new NodeTracerProvider().register();
  const client = new McpClient({ url, headers: { Authorization: `Bearer ${token}` } });

  return {
    listTools: () => client.listTools(),
    // What a model gets is the content. Failures are marked.
    callTool: async (name, args) => {
      const model = new ScriptedModel();
      model.toolCall = { name, args };
      const agent = new Agent({ model, tools: [client], printer: false });
      await agent.invoke('Go on.');
      const results = agent.messages.flatMap(({ content }) => content);
      const result = results.find((block) => block.type === 'toolResultBlock');
      return factsOf({ content: result?.content, isError: result?.status === 'error' });
    },
    close: () => client.disconnect(),
  };
});
