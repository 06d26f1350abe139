/** A GPU made of software that passes for a card. */

/** @import { BrowserContext } from '@playwright/test' */

/**
 * @param {BrowserContext} context
 * @param {string} vendor whose card the software adapter says it is
 */
export async function disguise(context, vendor) {
  await context.unroute(/\.js$/);
  await context.route(/\.js$/, async (route) => {
    const response = await route.fetch();
    const before = `
      if (navigator.gpu && !self.disguised) {
        self.disguised = true;
        const request = navigator.gpu.requestAdapter.bind(navigator.gpu);
        navigator.gpu.requestAdapter = async (options) => {
          const adapter = await request(options);
          const { subgroupMinSize, subgroupMaxSize } = adapter.info;
          const info = {
            ...{ vendor: '${vendor}', architecture: 'any', device: '', description: '' },
            ...{ subgroupMinSize, subgroupMaxSize, isFallbackAdapter: false },
          };
          return Object.defineProperty(adapter, 'info', { value: info });
        };
      }\n`;
    await route.fulfill({ response, body: before + (await response.text()) });
  });
}
