package dev.mlit.data.published;

import dev.mlit.data.Datasets;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec.NamedDataset;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The datasets that mlit knows: what they are, under which licence, and where their authors publish
 * them. Sizes and sums are those of the authors, or of torchvision where the authors give none.
 *
 * @since 0.1.0
 */
public final class Catalogue {
  private static final String RESEARCH = "no licence stated; research use, see the homepage";

  private static final List<PublishedDataset> ALL =
      List.of(
          new PublishedDataset(
              "fashion-small",
              "10,000 + 2,000 images of clothes, 28x28 gray, a part of fashion-mnist",
              12_000,
              10,
              "MIT, Zalando SE",
              URI.create("https://github.com/zalandoresearch/fashion-mnist"),
              "fashion-small",
              List.of()),
          new PublishedDataset(
              "fashion-mnist",
              "60,000 + 10,000 images of clothes, 28x28 gray",
              70_000,
              10,
              "MIT, Zalando SE",
              URI.create("https://github.com/zalandoresearch/fashion-mnist"),
              "fashion-mnist",
              fashionMnist("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")),
          new PublishedDataset(
              "mnist",
              "60,000 + 10,000 handwritten digits, 28x28 gray",
              70_000,
              10,
              RESEARCH,
              URI.create("http://yann.lecun.com/exdb/mnist/"),
              "mnist",
              mnist("https://ossci-datasets.s3.amazonaws.com/mnist/")),
          new PublishedDataset(
              "cifar10",
              "50,000 + 10,000 photographs of animals and vehicles, 32x32 RGB",
              60_000,
              10,
              RESEARCH,
              URI.create("https://www.cs.toronto.edu/~kriz/cifar.html"),
              "cifar10",
              List.of(
                  file(
                      "https://www.cs.toronto.edu/~kriz/",
                      "cifar-10-binary.tar.gz",
                      170_052_171,
                      "c32a1d4ab5d03f1284b67883e8d87530"))),
          cifar100("cifar100", "50,000 + 10,000 photographs, 32x32 RGB", 100),
          cifar100("cifar100-coarse", "the images of cifar100 in its 20 superclasses", 20),
          svhn("svhn", "73,257 + 26,032 digits of house numbers, 32x32 RGB", 99_289, false),
          svhn("svhn-extra", "svhn with 531,131 more digits to train on", 630_420, true),
          flowers(
              "flowers102", "1,020 + 1,020 + 6,149 photographs of flowers, RGB, many sizes", 8_189),
          flowers("flowers102-trainval", "2,040 + 6,149, the validation part in training", 8_189),
          new PublishedDataset(
              "tiny-imagenet",
              "100,000 + 10,000 images of ImageNet, 64x64 RGB",
              110_000,
              200,
              "no licence stated; ImageNet's terms: non-commercial research and education",
              URI.create("https://www.image-net.org/download.php"),
              "tiny-imagenet",
              List.of(
                  file(
                      "http://cs231n.stanford.edu/",
                      "tiny-imagenet-200.zip",
                      248_100_043,
                      "90528d7ca1a48142e341f4ef8d21d0de"))),
          new PublishedDataset(
              "eurosat",
              "27,000 satellite images of land use in Europe, 64x64 RGB",
              27_000,
              10,
              "MIT; contains Copernicus Sentinel data",
              URI.create("https://github.com/phelber/EuroSAT"),
              "eurosat",
              List.of(
                  file(
                      "https://zenodo.org/records/7711810/files/",
                      "EuroSAT_RGB.zip",
                      94_658_721,
                      "f46e308c4d50d4bf32fedad2d3d62f3b"))),
          new PublishedDataset(
              NamedDataset.IMAGE_FOLDER,
              "your own images: a directory with train/CLASS/IMAGE and test/CLASS/IMAGE, maybe"
                  + " val/",
              0,
              0,
              "yours",
              URI.create(
                  "https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html"),
              NamedDataset.IMAGE_FOLDER,
              List.of()));

  private Catalogue() {}

  /** All datasets, in the order in which a list should show them. */
  public static List<PublishedDataset> all() {
    return ALL;
  }

  /**
   * What is known of a dataset.
   *
   * @throws InvalidInputException if no dataset has that name
   */
  public static PublishedDataset named(String name) {
    return ALL.stream()
        .filter(dataset -> dataset.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> Datasets.unknown(name, ALL.stream().map(PublishedDataset::name).toList()));
  }

  private static PublishedDataset cifar100(String name, String description, int classes) {
    return new PublishedDataset(
        name,
        description,
        60_000,
        classes,
        RESEARCH,
        URI.create("https://www.cs.toronto.edu/~kriz/cifar.html"),
        "cifar100",
        List.of(
            file(
                "https://www.cs.toronto.edu/~kriz/",
                "cifar-100-binary.tar.gz",
                168_513_733,
                "03b5dce01913d631647c71ecec9e9cb8")));
  }

  private static List<PublishedFile> fashionMnist(String base) {
    return List.of(
        gzip(
            base,
            "train-images-idx3-ubyte",
            26_421_880,
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
        gzip(
            base,
            "train-labels-idx1-ubyte",
            29_515,
            "25c81989df183df01b3e8a0aad5dffbe",
            "9018921c3c673c538a1fc5bad174d6f9"),
        gzip(
            base,
            "t10k-images-idx3-ubyte",
            4_422_102,
            "bef4ecab320f06d8554ea6380940ec79",
            "8181f5470baa50b63fa0f6fddb340f0a"),
        gzip(
            base,
            "t10k-labels-idx1-ubyte",
            5_148,
            "bb300cfdad3c16e7a12a480ee83cd310",
            "15d484375f8d13e6eb1aabb0c3f46965"));
  }

  private static List<PublishedFile> mnist(String base) {
    return List.of(
        gzip(
            base,
            "train-images-idx3-ubyte",
            9_912_422,
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "6bbc9ace898e44ae57da46a324031adb"),
        gzip(
            base,
            "train-labels-idx1-ubyte",
            28_881,
            "d53e105ee54ea40749a09fcbcd1e9432",
            "a25bea736e30d166cdddb491f175f624"),
        gzip(
            base,
            "t10k-images-idx3-ubyte",
            1_648_877,
            "9fb629c4189551a2d022fa330f9573f3",
            "2646ac647ad5339dbf082846283269ea"),
        gzip(
            base,
            "t10k-labels-idx1-ubyte",
            4_542,
            "ec29112dd5afa0611ce80d1b7f02629c",
            "27ae3e4e09519cfbb04c329615203637"));
  }

  private static PublishedDataset svhn(String name, String description, int images, boolean extra) {
    String base = "http://ufldl.stanford.edu/housenumbers/";
    List<PublishedFile> files =
        Stream.of(
                file(base, "train_32x32.mat", 182_040_794, "e26dedcc434d2e4c54c9b2d4a06d8373"),
                file(base, "test_32x32.mat", 64_275_384, "eb5a983be6a315427106f1b164d9cef3"),
                file(base, "extra_32x32.mat", 1_329_278_602, "a93ce644f1a588dc4d68dda5feec44a7"))
            .limit(extra ? 3 : 2)
            .toList();
    String licence = "for non-commercial use only, see the homepage";
    return new PublishedDataset(
        name, description, images, 10, licence, URI.create(base), "svhn", files);
  }

  private static PublishedDataset flowers(String name, String description, int images) {
    String base = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/";
    List<PublishedFile> files =
        List.of(
            file(base, "102flowers.tgz", 344_862_509, "52808999861908f626f3c1f4e79d11fa"),
            file(base, "imagelabels.mat", 502, "e0620be6f572b9609742df49c70aed4d"),
            file(base, "setid.mat", 14_989, "a5357ecc9cb78c4bef273ce3793fc85c"));
    return new PublishedDataset(
        name, description, images, 102, RESEARCH, URI.create(base), "flowers102", files);
  }

  private static PublishedFile file(String base, String name, long bytes, String md5) {
    return new PublishedFile(name, URI.create(base + name), bytes, md5, null);
  }

  private static PublishedFile gzip(
      String base, String name, long bytes, String md5, @Nullable String contentMd5) {
    String packed = name + ".gz";
    return new PublishedFile(packed, URI.create(base + packed), bytes, md5, contentMd5);
  }
}
