package io.latent4j.cli.evaluate;

import io.latent4j.training.data.evaluation.Tally;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What the guidance scale does to a model's images, drawn: how many are right, and how much they differ. */
final class GuidancePlot {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 400;
    private static final float LINE = 2;
    private static final BasicStroke DASHED =
            new BasicStroke(LINE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0);

    private GuidancePlot() {}

    /** Two plots side by side. */
    static BufferedImage draw(Evaluated evaluated) {
        XYChart right = chart("Images with everything right", "percent");
        right.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
        right.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        add(
                right,
                "one object",
                evaluated.results(),
                each -> percent(each.tally().of(1)));
        add(
                right,
                "two objects",
                evaluated.results(),
                each -> percent(each.tally().of(2)));
        XYChart diversity = chart("Difference of images of one caption", "root mean square of levels, 0 to 1");
        diversity.getStyler().setYAxisMin(0.0);
        diversity.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        add(diversity, "the model's", evaluated.results(), Evaluated.Result::diversity);
        XYSeries drawn = add(diversity, "drawn scenes", evaluated.results(), each -> evaluated.drawnDiversity());
        drawn.setLineStyle(DASHED);
        drawn.setMarker(SeriesMarkers.NONE);

        BufferedImage both = new BufferedImage(2 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = both.createGraphics();
        graphics.drawImage(BitmapEncoder.getBufferedImage(right), 0, 0, null);
        graphics.drawImage(BitmapEncoder.getBufferedImage(diversity), WIDTH, 0, null);
        graphics.dispose();
        return both;
    }

    private static XYChart chart(String title, String unit) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("guidance scale")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static OptionalDouble percent(Tally tally) {
        OptionalDouble share = tally.allRight();
        return share.isPresent() ? OptionalDouble.of(100 * share.getAsDouble()) : share;
    }

    /** A line through what is there; NaN leaves a gap. */
    private static XYSeries add(
            XYChart chart,
            String name,
            List<Evaluated.Result> results,
            Function<Evaluated.Result, OptionalDouble> value) {
        double[] x =
                results.stream().mapToDouble(Evaluated.Result::guidanceScale).toArray();
        double[] y = results.stream()
                .mapToDouble(each -> value.apply(each).orElse(Double.NaN))
                .toArray();
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.CIRCLE);
        series.setLineStyle(new BasicStroke(LINE));
        return series;
    }
}
