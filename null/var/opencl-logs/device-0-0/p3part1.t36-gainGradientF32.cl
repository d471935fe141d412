#pragma OPENCL EXTENSION cl_khr_fp64 : enable  
#pragma OPENCL EXTENSION cl_khr_fp16 : enable  
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable  
__kernel void gainGradientF32(__global long *_kernel_context, __constant uchar *_constant_region, __local uchar *_local_region, __global int *_atomics, __global uchar *dy, __private int dyo, __global uchar *x, __private int xo, __global uchar *inverse, __private int io, __global uchar *part, __private int po, __private int rows, __private int width, __private int pieces, __private int length)
{
  int i_14, i_15, i_31, i_16, i_10, i_11, i_12, i_6, i_7, i_8, i_9, i_4; 
  long l_25, l_24, l_26, l_17, l_33, l_32, l_19, l_18, l_34; 
  ulong ul_22, ul_2, ul_3, ul_35, ul_20, ul_0, ul_1, ul_27; 
  bool b_5; 
  float f_23, f_21, f_30, f_28, f_13, f_29; 

  // BLOCK 0
  ul_0  =  (ulong) dy;
  ul_1  =  (ulong) x;
  ul_2  =  (ulong) inverse;
  ul_3  =  (ulong) part;
  i_4  =  get_global_id(0);
  b_5  =  i_4 < 32;
  if(b_5)
  {
    // BLOCK 1
    i_6  =  i_4 % 32;
    i_7  =  i_4 >> 31;
    i_8  =  i_7 >> 27;
    i_9  =  i_8 + i_4;
    i_10  =  i_9 & -32;
    i_11  =  i_10 + 32;
    i_12  =  (i_11 < 32) ? i_11 : 32;
    // BLOCK 2 MERGES [1 3 ]
    f_13  =  0.0F;
    i_14  =  i_10;
    for(;i_14 < i_12;)
    {
      // BLOCK 3
      i_15  =  i_14 << 5;
      i_16  =  i_15 + i_6;
      l_17  =  (long) i_16;
      l_18  =  l_17 + 4L;
      l_19  =  l_18 << 2;
      ul_20  =  ul_0 + l_19;
      f_21  =  *((__global float *) ul_20);
      ul_22  =  ul_1 + l_19;
      f_23  =  *((__global float *) ul_22);
      l_24  =  (long) i_14;
      l_25  =  l_24 + 4L;
      l_26  =  l_25 << 2;
      ul_27  =  ul_2 + l_26;
      f_28  =  *((__global float *) ul_27);
      f_29  =  f_21 * f_23;
      f_30  =  fma(f_29, f_28, f_13);
      i_31  =  i_14 + 1;
      f_13  =  f_30;
      i_14  =  i_31;
    }  // B2
    // BLOCK 4
    l_32  =  (long) i_4;
    l_33  =  l_32 + 4L;
    l_34  =  l_33 << 2;
    ul_35  =  ul_3 + l_34;
    *((__global float *) ul_35)  =  f_13;
  }  // B0
  else
  {
    // BLOCK 5
  }  // B0
  // BLOCK 6 MERGES [5 4 ]
  return;
}  //  kernel
