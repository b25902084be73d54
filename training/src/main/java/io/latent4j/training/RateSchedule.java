package io.latent4j.training;

/**
 * The learning rate of each step: it rises evenly over the warm-up and then goes its way.
 *
 * @param rate the highest
 * @param warmUp the steps until then
 * @param steps the steps of the run
 */
public record RateSchedule(double rate, long warmUp, long steps, Shape shape) {

    /** How the rate goes after the warm-up. */
    public enum Shape {
        /** It stays. */
        CONSTANT {
            @Override
            double share(double done) {
                return 1;
            }
        },
        /** It falls to 0 evenly. */
        LINEAR {
            @Override
            double share(double done) {
                return 1 - done;
            }
        },
        /** It falls to 0 along half a cosine (<a href="https://arxiv.org/abs/1608.03983">Loshchilov &amp; Hutter 2017</a>). */
        COSINE {
            @Override
            double share(double done) {
                return (1 + Math.cos(Math.PI * done)) / 2;
            }
        };

        /** The share of the highest rate when {@code done}, 0 to 1, of the way is behind. */
        abstract double share(double done);
    }

    public RateSchedule {
        if (!(rate > 0 && Double.isFinite(rate))) {
            throw new IllegalArgumentException("rate is " + rate + "; expected above 0");
        }
        if (warmUp < 0 || warmUp > steps) {
            throw new IllegalArgumentException("warmup is " + warmUp + "; expected 0 to steps, " + steps);
        }
    }

    /** The rate of step {@code step}; the first is 1. */
    public double at(long step) {
        if (step <= warmUp) {
            return rate * step / warmUp;
        }
        return rate * shape.share(Math.min(1, (double) (step - 1 - warmUp) / Math.max(1, steps - warmUp)));
    }
}
