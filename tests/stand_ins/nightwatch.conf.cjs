// A project that knows nothing of sessions: its driver's path is all that was changed.
const webdriver = { start_process: true, server_path: process.env.DRIVER, port: Number(process.env.PORT), log_path: false };
const capabilities = {
  chrome: { browserName: 'chrome', 'goog:chromeOptions': { args: ['--headless=new', '--no-sandbox'] } },
  firefox: { browserName: 'firefox', 'moz:firefoxOptions': { args: ['-headless'] } },
};
const settings = (name) => ({ webdriver, desiredCapabilities: capabilities[name] });

module.exports = {
  usage_analytics: { enabled: false },
  test_settings: { default: { launch_url: process.env.SITE, output_folder: false }, chrome: settings('chrome'), firefox: settings('firefox') },
};
