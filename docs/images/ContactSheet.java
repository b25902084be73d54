import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.NodeList;

/**
 * Puts images that latent4j made on one sheet, enlarged, each above the prompt and seed that it carries:
 *
 * <pre>java docs/images/ContactSheet.java SHEET.png COLUMNS IMAGE.png...</pre>
 */
public final class ContactSheet {
    private static final int SIDE = 192;
    private static final int GAP = 16;
    private static final int CAPTION = 56;
    private static final int LINE = 16;

    private ContactSheet() {}

    /** Writes the sheet. */
    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        int columns = Integer.parseInt(args[1]);
        List<String> files = Arrays.asList(args).subList(2, args.length);
        int rows = (files.size() + columns - 1) / columns;
        BufferedImage sheet = new BufferedImage(
                GAP + columns * (SIDE + GAP), GAP + rows * (SIDE + CAPTION + GAP) - GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        for (int i = 0; i < files.size(); i++) {
            int x = GAP + i % columns * (SIDE + GAP);
            int y = GAP + i / columns * (SIDE + CAPTION + GAP);
            draw(graphics, new File(files.get(i)), x, y);
        }
        graphics.dispose();
        ImageIO.write(sheet, "png", new File(args[0]));
    }

    private static void draw(Graphics2D graphics, File file, int x, int y) throws IOException {
        graphics.drawImage(ImageIO.read(file), x, y, SIDE, SIDE, null);
        graphics.setColor(new Color(208, 215, 222));
        graphics.drawRect(x, y, SIDE - 1, SIDE - 1);
        graphics.setColor(new Color(31, 35, 40));
        int baseline = y + SIDE + LINE;
        for (String line : lines(graphics, caption(file))) {
            graphics.drawString(line, x, baseline);
            baseline += LINE;
        }
    }

    /** The prompt, and the seed in brackets, from the PNG text "parameters". */
    private static String caption(File file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(file)) {
            ImageReader reader = ImageIO.getImageReaders(in).next();
            reader.setInput(in);
            IIOMetadataNode root =
                    (IIOMetadataNode) reader.getImageMetadata(0).getAsTree("javax_imageio_1.0");
            NodeList texts = root.getElementsByTagName("TextEntry");
            for (int i = 0; i < texts.getLength(); i++) {
                IIOMetadataNode text = (IIOMetadataNode) texts.item(i);
                if (text.getAttribute("keyword").equals("parameters")) {
                    String value = text.getAttribute("value");
                    String seed = value.replaceAll("(?s).*Seed: (-?\\d+).*", "$1");
                    return value.lines().findFirst().orElse("") + " (seed " + seed + ")";
                }
            }
        }
        throw new IOException(file + ": has no text \"parameters\"");
    }

    private static List<String> lines(Graphics2D graphics, String text) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.split(" ")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (graphics.getFontMetrics().stringWidth(longer) > SIDE) {
                lines.add(line);
                line = word;
            } else {
                line = longer;
            }
        }
        lines.add(line);
        return lines;
    }
}
