package io.latent4j.training.optimizer;

/**
 * The learning rate of each step: it rises evenly over the warm-up and then goes its way.
 *
 * @param rate the highest
 * @param warmUp the steps until then
 * @param steps the steps of the run
 * @param least what it falls to, 0 to {@code rate}
 */
public record RateSchedule(double rate, long warmUp, long steps, Shape shape, double least) {

    /** How the learning rate goes after the warm-up. */
    public sealed interface Shape {
        /** It stays. */
        Shape CONSTANT = new Constant();

        /** It falls evenly. */
        Shape LINEAR = new Polynomial(1);

        /** It falls along half a cosine. */
        Shape COSINE = new Cosine(1);

        /** The share of the way down that is still before it when {@code done}, 0 to below 1, of the steps are behind. */
        double share(double done);
    }

    /** It stays. */
    public record Constant() implements Shape {
        @Override
        public double share(double done) {
            return 1;
        }
    }

    /**
     * It falls along half a cosine, and begins anew as often as asked (<a
     * href="https://arxiv.org/abs/1608.03983">Loshchilov &amp; Hutter 2017</a>, equation 5, with periods of equal length).
     *
     * @param cycles how many times it falls, 1 or more
     */
    public record Cosine(int cycles) implements Shape {
        public Cosine {
            if (cycles < 1) {
                throw new IllegalArgumentException("cycles is " + cycles + "; expected 1 or more");
            }
        }

        @Override
        public double share(double done) {
            return (1 + Math.cos(Math.PI * (cycles * done % 1))) / 2;
        }
    }

    /**
     * It falls as a power of what is left.
     *
     * @param power 1 for evenly, more to fall faster at first
     */
    public record Polynomial(double power) implements Shape {
        public Polynomial {
            if (!(power > 0 && Double.isFinite(power))) {
                throw new IllegalArgumentException("power is " + power + "; expected above 0");
            }
        }

        @Override
        public double share(double done) {
            return Math.pow(1 - done, power);
        }
    }

    public RateSchedule {
        if (!(rate > 0 && Double.isFinite(rate))) {
            throw new IllegalArgumentException("rate is " + rate + "; expected above 0");
        }
        if (warmUp < 0 || warmUp > steps) {
            throw new IllegalArgumentException("warmup is " + warmUp + "; expected 0 to steps, " + steps);
        }
        if (!(least >= 0 && least <= rate)) {
            throw new IllegalArgumentException("min_rate is " + least + "; expected 0 to rate, " + rate);
        }
    }

    /** Down to 0. */
    public RateSchedule(double rate, long warmUp, long steps, Shape shape) {
        this(rate, warmUp, steps, shape, 0);
    }

    /** The learning rate of step {@code step}; the first is 1. */
    public double at(long step) {
        if (step <= warmUp) {
            return rate * step / warmUp;
        }
        double done = (double) (step - 1 - warmUp) / Math.max(1, steps - warmUp);
        return least + (rate - least) * (done < 1 ? shape.share(done) : shape.share(Math.nextDown(1.0)));
    }
}
