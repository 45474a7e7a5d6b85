# seconds: 60
# An address book that is edited at random while Tidemark puts a label on everybody: see
# contacts_random.t.
use strict;
use warnings;

require './tests/http/contacts_random.t';
