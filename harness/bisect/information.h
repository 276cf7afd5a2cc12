/*
 * What one outcome of a trial tells, in nats. Pure.
 *
 * The three words that choose.h adds up, for an outcome that has probability `suspect` if a certain suspect is the
 * culprit and `all` as far as is known; `mass` is how likely that suspect is the culprit.
 */
#ifndef QB_INFORMATION_H
#define QB_INFORMATION_H

#define INFORMATION_BIT 0.6931471805599453 /* in nats */

/* Entropy of a coin. */
double information_coin(double p);

/* The outcome's part of the divergence of "it is the suspect" from "it is another one"; mass < 1. */
double information_diverge(double mass, double suspect, double all);

/* What the outcome adds because it tells the suspect from all others; mass < 1. */
double information_part(double mass, double suspect, double all);

#endif
