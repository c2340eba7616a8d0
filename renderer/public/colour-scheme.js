// Runs before the first paint, so that a dark console never flashes white. Not bundled: a bundled module runs too late.
// The key is Mantine's own, which keeps this file and the theme switch in step.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage can be refused; the system's scheme is right then.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  document.documentElement.style.backgroundColor = dark ? '#131418' : '#ffffff';
})();
