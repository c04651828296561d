import 'zone.js';
import '@angular/compiler';
import { Component, provideZoneChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';

class App {
  open = false;
  tell(what) { found(what); }
}
const Decorated = Component({
  selector: '#app', standalone: true,
  template: `<div (click)="open = true">card</div>@if (open) {<p (click)="tell('click')">details</p>}
    <section (mouseenter)="tell('enter')">hover</section><em (dblclick)="tell('double')">twice</em>`,
})(App) ?? App;
bootstrapApplication(Decorated, { providers: [provideZoneChangeDetection()] });
