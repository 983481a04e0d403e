// Sets theme and density before the first paint; a file, because the page allows no inline script.
// src/lib/storage/prefs.ts writes what is read here.
;(function () {
  var prefs = {}
  try {
    prefs = JSON.parse(localStorage.getItem('kubeorch.prefs') || '{}').state || {}
  } catch {
    // storage is blocked or holds something else; the defaults do
  }
  var dark =
    prefs.theme === 'dark' || (prefs.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.dataset.density = prefs.density === 'compact' ? 'compact' : 'comfortable'
})()
