// Opens an address with fetch. From Node.js 24 on that heeds the proxy by itself; for older ones undici does.
import { createRequire } from 'node:module';

if (Number.parseInt(process.versions.node) < 24) {
  const { EnvHttpProxyAgent, setGlobalDispatcher } = createRequire(`${process.env.TOOLS}/`)('undici');
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
console.log(await (await fetch(process.argv[2])).text());
