// Trains a small network on the first names that come with the library, and prints names that it makes up.
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

Recipe recipe = Recipe.Default with { Hidden = [64] };
var data = Dataset.Create(NamesFile.Embedded(), recipe.Context);
var configuration = Configuration.Resolve(recipe, data.Train.Count, steps: 10_000);

using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
using Accelerator accelerator = catalog.Start(catalog.Choose("auto"));
var kernels = new KernelSet(accelerator);
using var network = new Mlp(kernels, recipe, data.Vocabulary.Count);
// The generator that drew the network goes on to draw the batches: a seed repeats the whole run.
TorchGenerator generator = network.Draw(configuration.Seeds);
var strategy = Strategy.Automatic(accelerator.Device, recipe, data.Vocabulary.Count);
new Trainer(kernels, network, configuration, generator, strategy).Run(data.Train, steps => { });

using var evaluator = new Evaluator(kernels, network, strategy);
Console.WriteLine($"loss of the dev split: {evaluator.Loss(data.Dev):F4}");
Console.WriteLine(string.Join('\n', new Sampler(kernels, network, data.Vocabulary, strategy).Sample(6)));
