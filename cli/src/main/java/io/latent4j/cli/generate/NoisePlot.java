package io.latent4j.cli.generate;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The noise schedules that models are trained with, drawn: ᾱ and the log signal-to-noise ratio against time. */
final class NoisePlot {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 400;
    private static final int TIMESTEPS = 1000;
    private static final int STRIDE = 4; // the last is nearer: XChart puts ticks oddly on values evenly apart
    private static final float LINE = 2;

    private NoisePlot() {}

    /** Two plots side by side. */
    static BufferedImage draw() {
        BufferedImage both = new BufferedImage(2 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = both.createGraphics();
        XYChart signal = chart(
                "Signal left: \u1fb1 = alpha\u00b2",
                Styler.LegendPosition.InsideNE,
                level -> level.alpha() * level.alpha());
        XYChart ratio = chart("Log signal-to-noise ratio", Styler.LegendPosition.InsideSW, level -> 2 * level.lambda());
        graphics.drawImage(BitmapEncoder.getBufferedImage(signal), 0, 0, null);
        graphics.drawImage(BitmapEncoder.getBufferedImage(ratio), WIDTH, 0, null);
        graphics.dispose();
        return both;
    }

    private static XYChart chart(String title, Styler.LegendPosition legend, ToDoubleFunction<NoiseLevel> value) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("timestep")
                .build();
        chart.getStyler().setLegendPosition(legend);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        schedules().forEach((name, noise) -> addSeries(chart, name, noise, value));
        return chart;
    }

    private static void addSeries(XYChart chart, String name, NoiseSchedule noise, ToDoubleFunction<NoiseLevel> value) {
        int[] shown = IntStream.range(0, TIMESTEPS)
                .filter(t -> t % STRIDE == 0 || t == TIMESTEPS - 1)
                .filter(t -> Double.isFinite(value.applyAsDouble(noise.level(t))))
                .toArray();
        double[] x = IntStream.of(shown).asDoubleStream().toArray();
        double[] y = IntStream.of(shown)
                .mapToDouble(t -> value.applyAsDouble(noise.level(t)))
                .toArray();
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineStyle(new BasicStroke(LINE));
    }

    private static Map<String, NoiseSchedule> schedules() {
        NoiseSchedule stableDiffusion = NoiseSchedule.scaledLinear(TIMESTEPS, 0.00085, 0.012);
        Map<String, NoiseSchedule> schedules = new LinkedHashMap<>();
        schedules.put("linear (DDPM)", NoiseSchedule.linear(TIMESTEPS, 0.0001, 0.02));
        schedules.put("scaled linear (Stable Diffusion)", stableDiffusion);
        schedules.put("the same, zero terminal SNR", stableDiffusion.withZeroTerminalSnr());
        schedules.put("squared cosine", NoiseSchedule.squaredCosine(TIMESTEPS));
        schedules.put("sigmoid", NoiseSchedule.sigmoid(TIMESTEPS, 0.0001, 0.02));
        return schedules;
    }
}
