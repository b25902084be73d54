package io.latent4j.schedulers.continuous;

import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince54Integrator;

/**
 * The pair of orders 5 and 4 of Dormand and Prince 1980, which chooses its steps: as many as the equation needs for the
 * error of each to stay below the tolerance.
 *
 * @param absolute tolerance
 * @param relative tolerance, of the size of the value
 */
public record DormandPrince(double absolute, double relative) implements OdeSolver {
    private static final double SHORTEST = 1e-10;

    public DormandPrince {
        if (!(absolute > 0 && relative >= 0)) {
            throw new IllegalArgumentException("the tolerances are " + absolute + " and " + relative
                    + "; expected the absolute one above 0 and the relative one 0 or more");
        }
    }

    /** With the paper's tolerances, 1e-5 both: as fine as float32 networks answer. */
    public DormandPrince() {
        this(1e-5, 1e-5);
    }

    /** @throws IllegalStateException if the equation is too steep for the tolerances */
    @Override
    public double[] solve(Ode ode, double from, double to, double[] y) {
        DormandPrince54Integrator integrator =
                new DormandPrince54Integrator(SHORTEST, Math.abs(to - from), absolute, relative);
        try {
            return integrator
                    .integrate(new Adapter(ode, y.length), new ODEState(from, y), to)
                    .getPrimaryState();
        } catch (MathRuntimeException e) {
            throw new IllegalStateException(
                    "the equation cannot be solved within " + absolute + " and " + relative
                            + "; try larger tolerances or a later end: " + e.getMessage(),
                    e);
        }
    }

    private record Adapter(Ode ode, int size) implements OrdinaryDifferentialEquation {
        @Override
        public int getDimension() {
            return size;
        }

        @Override
        public double[] computeDerivatives(double t, double[] y) {
            return ode.derivative(t, y);
        }
    }
}
