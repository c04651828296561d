// Opens the browser that handstamp opens, and says when each stage is over.
const { chromium } = require('playwright-core');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

exports.launch = () => chromium.launch({ executablePath: process.env.BENCH_BROWSER, args: ARGS });

exports.done = (stage) => console.error(`done: ${stage}`);
