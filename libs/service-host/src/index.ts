export { HostModule, OBJECT_STORE } from './host.module.js';
export { Reaction } from './reaction.js';
export { runProcess, serviceLogger, startContext } from './run.js';
export { natsSettings, numberSetting, requiredSetting, setting, storeSetting } from './settings.js';
export { openStore } from './store.js';
