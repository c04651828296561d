// An OpenID Connect provider with one user, whose login page is plain HTML: node provider.mjs PORT CLIENT_ORIGIN USERNAME PASSWORD
// With CONSENT=1 it asks on a page of its own whether the client may know the user.
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, client, username, password] = process.argv.slice(2);
const found = createRequire(`${process.env.APP}/`).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(found));

const provider = new Provider(`http://localhost:${port}`, {
    clients: [{ client_id: 'hub', client_secret: 'not-a-secret', redirect_uris: [`${client}/hub/oauth_callback`] }],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: context => process.env.CONSENT ? agreedBefore(context.oidc) : granted(context.oidc),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
});

const page = (title, fields, button, word = '') => `<!doctype html><title>${title}</title><h1>${title}</h1>
<p role="alert">${word}</p><form method="post">${fields}<button>${button}</button></form>`;
const login = word => page('Sign in', `<label>Name <input name="name"></label>
<label>Password <input name="secret" type="password"></label>`, 'Sign in', word);
const consent = page('Hub asks for your profile', '', 'Allow');

async function granted({ session, client, params }) {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
}

async function agreedBefore({ result, session, client }) {
    const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
    return id ? provider.Grant.find(id) : undefined;
}

async function agreed({ params, session }) {
    const grant = await granted({ session, params, client: { clientId: params.client_id } });
    return { consent: { grantId: grant.jti } };
}

async function interact(request, response) {
    const details = await provider.interactionDetails(request, response);
    const asked = details.prompt.name === 'login' ? login : () => consent;
    let result;
    if (request.method === 'POST') {
        let body = '';
        for await (const chunk of request) body += chunk;
        const form = new URLSearchParams(body);
        if (details.prompt.name !== 'login') result = await agreed(details);
        else if (form.get('name') === username && form.get('secret') === password) result = { login: { accountId: username } };
    }
    if (result) return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(asked(request.method === 'POST' ? 'The name or the password is wrong.' : ''));
}

const handle = provider.callback();
http.createServer((request, response) => {
    if (!request.url.startsWith('/interaction/')) return handle(request, response);
    interact(request, response).catch(error => response.writeHead(400).end(String(error)));
}).listen(Number(port), '127.0.0.1');
