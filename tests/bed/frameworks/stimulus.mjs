import { Application, Controller } from '@hotwired/stimulus';

document.getElementById('app').innerHTML = '<div data-controller="card"><div data-action="click->card#open">card</div><p hidden data-card-target="details" data-action="click->card#tell">details</p></div>';
const application = Application.start();
application.register('card', class extends Controller {
  static targets = ['details'];
  open() { this.detailsTarget.hidden = false; }
  tell() { found('click'); }
});
