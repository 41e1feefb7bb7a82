/** GET /.well-known/oauth-protected-resource: the root form, which clients try second. */
export { protectedResourceHandler as handler } from '../runtime/protected-resource.ts';
