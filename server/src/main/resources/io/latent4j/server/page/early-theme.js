// Before anything is painted: the theme that was chosen here before, so that nothing flashes.
{
  const theme = localStorage.getItem('latent4j.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
}
