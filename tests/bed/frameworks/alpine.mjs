import Alpine from 'alpinejs';

document.getElementById('app').innerHTML = `<div x-data="{ open: false }"><div @click="open = true">card</div>
  <p x-show="open" @click="found('click')">details</p><section @mouseenter="found('enter')">hover</section></div>`;
Alpine.start();
