import {
  ErrorCode,
  McpError,
  type Resource,
  type ResourceTemplate,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import { PIXEL } from './content.ts';

export const RESOURCES: Resource[] = [
  { uri: 'test://static-text', name: 'static-text', description: 'A text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', description: 'An image', mimeType: 'image/png' },
];

export const RESOURCE_TEMPLATES: ResourceTemplate[] = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'Data by its id',
    mimeType: 'application/json',
  },
];

/** @throws McpError for a resource that there is not. */
export function readResource(uri: string): Result {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }
  const resource = RESOURCES.find((known) => known.uri === uri);
  if (!resource) throw new McpError(ErrorCode.InvalidParams, 'There is no such resource.', { uri });
  const { mimeType } = resource;
  const content =
    mimeType === 'image/png' ? { blob: PIXEL } : { text: 'This is the content of the static text resource.' };
  return { contents: [{ uri, mimeType, ...content }] };
}
