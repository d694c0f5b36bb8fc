/* A walkthrough, one picture at a time: back, next, and playing by itself only when asked. Without this file all pictures
   stand below each other with their sentences. */
'use strict';
(() => {
  for (const walk of document.querySelectorAll('[data-walk]')) {
    const frames = [...walk.querySelectorAll('.walk-frames > li')];
    const part = (name) => walk.querySelector(`[data-walk-${name}]`);
    const [keys, back, next, play, at] = ['keys', 'back', 'next', 'play', 'at'].map(part);
    const words = [play.textContent, play.dataset.stop];
    let here = 0;
    let clock = 0;

    const show = (place) => {
      here = (place + frames.length) % frames.length;
      frames.forEach((frame, number) => { frame.hidden = number !== here; });
      back.disabled = here === 0;
      next.disabled = here === frames.length - 1;
      at.textContent = walk.dataset.step.replace('{n}', here + 1).replace('{all}', frames.length);
    };
    const stop = () => { clearInterval(clock); clock = 0; play.textContent = words[0]; };
    back.addEventListener('click', () => { stop(); show(here - 1); });
    next.addEventListener('click', () => { stop(); show(here + 1); });
    play.addEventListener('click', () => {
      if (clock) { stop(); return; }
      play.textContent = words[1];
      if (here === frames.length - 1) show(0);
      clock = setInterval(() => { if (here + 1 < frames.length) show(here + 1); if (here + 1 === frames.length) stop(); }, 4000);
    });
    walk.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') stop();
      else if (event.key === 'ArrowRight' && !next.disabled) next.click();
      else if (event.key === 'ArrowLeft' && !back.disabled) back.click();
    });
    for (const frame of frames) for (const picture of frame.querySelectorAll('img')) picture.loading = 'eager';
    keys.hidden = false;
    walk.classList.add('stepped');
    show(0);
  }
})();
