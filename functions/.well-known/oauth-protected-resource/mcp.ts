/** GET /.well-known/oauth-protected-resource/mcp: the form with the path of the resource, which clients try first. */
export { protectedResourceHandler as handler } from '../../runtime/protected-resource.ts';
