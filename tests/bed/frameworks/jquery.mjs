import $ from 'jquery';

$('#app').html('<div class="card">card</div><ul><li class="row"><i class="edit">edit</i></li></ul><p class="name">name</p>');
$(document).on('click', '#app .card', () => $('#app').append('<p class="details">details</p>'));
$('#app').on('click', '.details', () => found('click'));
$('#app ul').on('click', '.edit', () => found('edit'));
$('.name').on('dblclick', () => found('double'));
