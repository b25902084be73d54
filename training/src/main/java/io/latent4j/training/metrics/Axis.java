package io.latent4j.training.metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * An axis of a plot.
 *
 * @param logarithmic whether equal ratios are equally far apart; {@code low} is above 0 then
 */
record Axis(double low, double high, boolean logarithmic) {
    private static final double[] MANTISSAS = {1, 2, 5};

    Axis {
        if (high <= low) {
            high = low == 0 ? 1 : low + Math.abs(low);
        }
    }

    /** A logarithmic axis that all values of {@code curve} are on, with a share {@code room} to spare at both ends. */
    static Axis around(Curve curve, double room) {
        double ratio = Math.max(1.05, curve.most() / curve.least());
        double spare = Math.pow(ratio, room);
        return new Axis(curve.least() / spare, curve.least() * ratio * spare, true);
    }

    /** Where {@code value} is: 0 at the low end, 1 at the high. */
    double share(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Round values to mark, {@code most} or few more. */
    List<Double> ticks(int most) {
        return logarithmic && high / low > 10 ? powers(most) : even(most);
    }

    private List<Double> even(int most) {
        double step = Math.pow(10, Math.floor(Math.log10((high - low) / most)));
        while ((high - low) / step > most) {
            step *= (high - low) / (2 * step) > most ? 5 : 2;
        }
        List<Double> ticks = new ArrayList<>();
        for (double i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> powers(int most) {
        List<Double> ticks = new ArrayList<>();
        boolean tens = Math.log10(high / low) * MANTISSAS.length > most + 1;
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (double mantissa : tens ? new double[] {1} : MANTISSAS) {
                double value = mantissa * Math.pow(10, power);
                if (value >= low && value <= high) {
                    ticks.add(value);
                }
            }
        }
        return ticks;
    }

    /** A number of at most four digits for people to read: 0.025, 1500, 2e-5. */
    static String label(double value) {
        BigDecimal rounded = new BigDecimal(value, new MathContext(value >= 1000 ? 9 : 4)).stripTrailingZeros();
        if (Math.abs(value) < 1e-12) {
            return "0";
        }
        if (Math.abs(value) >= 0.001) {
            return rounded.toPlainString();
        }
        int power = (int) Math.floor(Math.log10(Math.abs(value)) + 1e-9);
        BigDecimal mantissa = new BigDecimal(value / Math.pow(10, power), new MathContext(3)).stripTrailingZeros();
        return mantissa.toPlainString() + "e" + power;
    }
}
