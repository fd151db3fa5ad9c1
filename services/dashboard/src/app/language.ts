/** A machine without a locale makes the browser say `en-US@posix`, which `Intl` refuses, and uPlot asks it while it loads. */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}

export {};
