package io.latent4j.schedulers.samplers;

/** B(h) of UniPC, what a step weighs a single difference of outputs with; h is negative for outputs x0. */
public enum UniPcType {
    /** h. */
    BH1 {
        @Override
        double[] secondOrder(ExponentialStep step) {
            return new double[] {step.moment(0), step.scale() * step.h() * step.h() / 2};
        }
    },
    /** e^h − 1. */
    BH2 {
        @Override
        double[] secondOrder(ExponentialStep step) {
            return SolverType.MIDPOINT.secondOrder(step);
        }
    };

    /** What {@code step} weighs the coefficients of powers 0 and 1 with. */
    abstract double[] secondOrder(ExponentialStep step);
}
