#!/usr/bin/perl
# Prints every sentence of the given Coq files that leaves a proof open or assumes something: admitted and aborted
# proofs, axioms by any name, variables and hypotheses outside a section, and checks of the kernel that are switched off.
# Exit status 1 where there is one. Comments do not count.
use strict;
use warnings;

my $axiom = qr/\b(?:Admitted|admit|give_up|Admit\s+Obligations|Abort|Axioms?|Parameters?|Conjectures?|Primitive
    |Declare\s+(?:Instance|Module)|bypass_check|type-in-type
    |Unset\s+(?:Guard|Positivity|Universe)\s+Checking)\b/x;
my $found = 0;
for my $file (@ARGV) {
    open my $in, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    # The innermost comments, until none is left; their lines stay.
    1 while $text =~ s/\(\*((?:(?!\(\*|\*\)).)*)\*\)/"\n" x ($1 =~ tr,\n,,)/gse;
    my @sections;
    my $line = 1;
    for my $sentence (split /(?<=\.)(?=\s)/, $text) {
        my ($space, $words) = $sentence =~ /^(\s*)(.*)$/s;
        my $here = $line + ($space =~ tr/\n//);
        $line += $sentence =~ tr/\n//;
        push @sections, $1 if $words =~ /^Section\s+(\w+)/;
        pop @sections if $words =~ /^End\s+(\w+)/ and @sections and $sections[-1] eq $1;
        my $outside = !@sections && $words =~ /^(?:(?:Local|Global|Polymorphic)\s+|#\[[^]]*\]\s*)*(?:Variables?|Hypothes[ie]s|Context)\b/;
        (my $asked = $words) =~ s/^Print\s+Assumptions\b//;
        next unless $outside or $asked =~ $axiom;
        print "$file:$here: $words\n";
        $found = 1;
    }
}
exit $found;
