package io.latent4j.schedulers.samplers;

/** How DPM-Solver's steps of second order take the change of the outputs over a step. */
public enum SolverType {
    /** As if all of it came in the middle of the step. */
    MIDPOINT {
        @Override
        double[] secondOrder(ExponentialStep step) {
            return new double[] {step.moment(0), step.moment(0) * step.h() / 2};
        }
    },
    /** Evenly over the step. */
    HEUN {
        @Override
        double[] secondOrder(ExponentialStep step) {
            return step.moments(2);
        }
    };

    /** What {@code step} weighs the coefficients of powers 0 and 1 with. */
    abstract double[] secondOrder(ExponentialStep step);
}
